"""What other limits would have told: a recording judged again under another protocol, and the two compared."""
