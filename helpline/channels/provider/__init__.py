"""What all channels of providers share; a provider's own file holds only what is the provider's."""
