"""Heart and pulse rates of a person from several devices: compared once a second, and which is believed is told."""
