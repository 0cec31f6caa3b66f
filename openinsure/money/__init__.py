"""Pure rules of money: integer cents, exact rationals, no Django, no clock."""
