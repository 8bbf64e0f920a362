"""A helpline for Cambodian migrant workers on Telegram, in Khmer and English."""
