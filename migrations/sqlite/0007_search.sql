CREATE TABLE `search_blocks` (
	`segment` integer NOT NULL,
	`from_word` text NOT NULL,
	`entries` text NOT NULL,
	PRIMARY KEY(`segment`, `from_word`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `search_ids` (
	`place` text PRIMARY KEY NOT NULL,
	`segment` integer NOT NULL,
	`first_id` text NOT NULL,
	`ids` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `search_ids_by_first` ON `search_ids` (`segment`,`first_id`);--> statement-breakpoint
CREATE TABLE `search_late` (
	`comment_id` text PRIMARY KEY NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `search_segments` (
	`segment` integer PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`min_id` text NOT NULL,
	`max_id` text NOT NULL,
	`revision` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `search_state` (
	`name` text PRIMARY KEY NOT NULL,
	`sealed` integer NOT NULL,
	`erased` integer NOT NULL,
	`high` text NOT NULL,
	`low` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `decisions_by_decider_of` ON `decisions` (`decided_by`,`comment_id`);--> statement-breakpoint
CREATE INDEX `decisions_by_reason` ON `decisions` (`reason_code`,`comment_id`) WHERE reason_code IS NOT NULL;--> statement-breakpoint
INSERT INTO `search_state` (`name`, `sealed`, `erased`, `high`, `low`) VALUES ('index', 0, 0, '', '');
