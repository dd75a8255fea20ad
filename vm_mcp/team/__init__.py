"""What a team's servers and workers share: a desk's server imports none of it."""
