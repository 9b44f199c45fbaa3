"""Speed, printed as ratios; nothing is asserted here."""
