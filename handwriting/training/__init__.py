"""Recipes that train the project's models."""
