"""The one way to a vendor: client, authentication, rate limit, paging, driver."""
