"""From interactions to closeness of pairs, people, accounts and users; every number comes from `method.toml`."""
