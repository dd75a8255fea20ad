"""HTTP below every service: connections, proxies, retries, response bodies, and which addresses may be talked to."""
