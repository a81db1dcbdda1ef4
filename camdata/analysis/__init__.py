"""From counts to groups, and how sure they are."""
