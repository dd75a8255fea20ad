"""HTTP below every service: clients, proxies, retries, response bodies, and which addresses may be connected to."""
