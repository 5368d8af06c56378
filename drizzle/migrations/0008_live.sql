-- transactional
-- A live socket closes when the identity ends that asked for its ticket (interfaces.md §4).
ALTER TABLE admin_tickets ADD COLUMN identity_ends_at timestamptz;
