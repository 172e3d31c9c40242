"""Jobs of a bundle: profiles and trainings of an experiment, by the lab's protocol and recipe, without the lab."""
