CREATE TABLE `claims` (
	`comment_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`claimed_by` text NOT NULL,
	`until_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `claims_by_holder` ON `claims` (`claimed_by`,`until_ms`);--> statement-breakpoint
CREATE INDEX `claims_by_end` ON `claims` (`until_ms`);--> statement-breakpoint
CREATE TABLE `__new_decisions` (
	`comment_id` text NOT NULL,
	`version` integer NOT NULL,
	`id` text NOT NULL,
	`action` text NOT NULL,
	`decided_by` text,
	`reason` text,
	`note` text,
	`decided_at_ms` integer NOT NULL,
	`rejected_with` text,
	`rejected_with_version` integer,
	`reason_code` text,
	`position` integer NOT NULL,
	PRIMARY KEY(`comment_id`, `position`),
	FOREIGN KEY (`comment_id`) REFERENCES `comments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "decisions_action" CHECK(action IN ('approve', 'reject', 'reopen', 'withdraw', 'erase', 'note'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_decisions`("comment_id", "version", "id", "action", "decided_by", "reason", "note", "decided_at_ms", "rejected_with", "rejected_with_version", "reason_code", "position") SELECT "comment_id", "version", "id", "action", "decided_by", "reason", "note", "decided_at_ms", "rejected_with", "rejected_with_version", NULL, row_number() OVER (ORDER BY decided_at_ms, id, comment_id, version) FROM `decisions`;--> statement-breakpoint
DROP TABLE `decisions`;--> statement-breakpoint
ALTER TABLE `__new_decisions` RENAME TO `decisions`;--> statement-breakpoint
CREATE UNIQUE INDEX `decisions_by_version` ON `decisions` (`comment_id`,`version`) WHERE action <> 'note';--> statement-breakpoint
CREATE UNIQUE INDEX `decisions_by_position` ON `decisions` (`position`);--> statement-breakpoint
CREATE INDEX `decisions_by_decider` ON `decisions` (`decided_by`,`position`);--> statement-breakpoint
CREATE INDEX `decisions_by_moment` ON `decisions` (`decided_at_ms`);--> statement-breakpoint
CREATE INDEX `decisions_by_rejected_with` ON `decisions` (`rejected_with`) WHERE rejected_with IS NOT NULL;--> statement-breakpoint
DROP INDEX `comments_by_parent`;--> statement-breakpoint
CREATE INDEX `comments_by_parent` ON `comments` (`parent_id`) WHERE parent_id IS NOT NULL AND (status <> 'pending' OR version > 1);--> statement-breakpoint
INSERT INTO `totals` (`name`, `value`) VALUES
	('approved', (SELECT count(*) FROM comments WHERE status = 'approved')),
	('rejected', (SELECT count(*) FROM comments WHERE status = 'rejected')),
	('withdrawn', (SELECT count(*) FROM comments WHERE status = 'withdrawn')),
	('decisions', (SELECT count(*) FROM decisions)),
	('claims', 0);
