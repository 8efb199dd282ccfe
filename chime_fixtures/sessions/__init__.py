"""Realistic proxy sessions: options, name pools, plan, factory and Faker provider."""
