"""`make chaos`: visitors write while servers are killed and networks cut; then nothing may be lost."""
