"""Send recordings over real telephone calls: two SIP user agents on loopback, and a line between them."""
