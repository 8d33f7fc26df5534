"""People, roles, organisations and regions, devices and their keys, sessions."""
