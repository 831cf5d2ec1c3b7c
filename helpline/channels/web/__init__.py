"""The website channel: sessions, messages and an event stream. The contract is in docs/web-channel.md."""
