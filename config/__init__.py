"""Puts the apps together and starts them; knows every app, and holds no rule of the business."""
