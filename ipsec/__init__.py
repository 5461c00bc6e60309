"""What IPsec is and how it negotiates. Pure Python: no Django, no clock, no I/O."""
