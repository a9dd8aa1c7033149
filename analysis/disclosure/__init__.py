"""Disclosure control of counts: rules, tables as equations, suppression, and the attack that audits it."""
