"""One vendor account over HTTP: client, transport, authentication, rate limit, redaction."""
