"""Who is signed in: local accounts, sessions, JWT verification. Has no pages."""
