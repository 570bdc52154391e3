"""Behind the door: the only home of SQLAlchemy (Core, no ORM)."""
