"""How a real engine is obtained, started, stopped and made to fail. Standard library only."""
