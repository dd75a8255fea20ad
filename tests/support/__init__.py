"""What tests of more than one kind need: stand-ins for engines, servers and vendors, fixtures, and samples."""
