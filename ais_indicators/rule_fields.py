"""Names and types of the rules of `quality/rules.yaml`, in its order.

The file alone has values, units, reasons and sources. A new rule is one line there and one field here.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class RuleFields(BaseModel):
    """One field per rule that every subject has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # positions
    ship_mmsi_minimum: int
    ship_mmsi_maximum: int
    surrogate_mmsi_minimum: int
    surrogate_mmsi_maximum: int
    shared_mmsi_numbers: tuple[int, ...]
    false_imo_numbers: tuple[int, ...]
    sog_censored_from_knots: float
    draught_censored_from_m: float
    noaa_signed_cog_offset_degrees: float
    noaa_signed_sog_offset_knots: float
    first_message_year: int
    delivery_tolerance_hours: int
    max_data_after_file_days: int
    fragment_window_lines: int
    fragment_timeout_seconds: int
    lost_digits_warning_share: float
    clock_line_window_lines: int
    clock_set_back_minutes: int
    max_unpacked_ratio: int
    max_unpacked_megabytes_unasked: int
    same_place_km: float
    # tracks
    max_implied_speed_knots: float
    stale_track_minutes: int
    max_open_tracks: int
    min_track_fixes: int
    keep_vessel_share: float
    gap_hours: float
    track_silence_days: int
    track_silence_in_port_days: int
    # integrity
    interference_min_jump_km: float
    interference_area_km: float
    interference_return_knots: float
    interference_home_hours: float
    interference_sure_home_hours: float
    interference_home_silence_days: int
    interference_resume_days: int
    interference_fresh_days: int
    interference_most_places: int
    interference_shared_days: int
    interference_min_fixes: int
    interference_min_minutes: int
    interference_min_fixes_on_circle: int
    interference_min_vessels: int
    interference_min_vessels_on_shape: int
    interference_min_vessels_at_once: int
    interference_at_once_minutes: int
    interference_at_once_min_jump_km: float
    interference_min_vessels_again: int
    interference_watched_vessels: int
    interference_min_vessels_displaced: int
    interference_cell_resolution: int
    interference_point_km: float
    interference_point_share: float
    interference_circle_deviation: float
    interference_circle_gap_degrees: float
    interference_unseen_hours: float
    interference_denied_knots: float
    interference_denied_minutes: int
    interference_shape_deviations: float
    interference_sample_minutes: int
    jamming_min_rate: float
    jamming_factor: float
    # echoes and stations
    echo_min_sog_knots: float
    echo_min_offset_seconds: int
    echo_max_offset_hours: int
    echo_offset_tolerance_seconds: int
    station_clock_off_seconds: int
    station_clock_min_reports: int
    # port calls
    port_cell_resolution: int
    exit_margin_km: float
    point_port_entry_km: float
    exchanged_port_km: float
    same_port_km: float
    near_port_km: float
    exchanged_near_share: float
    as_given_near_share: float
    as_given_land_share: float
    exchanged_land_share: float
    exchanged_sample_positions: int
    point_port_exit_km: float
    stop_below_knots: float
    stop_ends_above_knots: float
    min_stop_minutes: int
    merge_visits_hours: float
    short_stop_minutes: int
    short_stop_classes: tuple[str, ...]
    rest_radius_km: float
    anchor_radius_km: float
    rest_window_minutes: int
    sparse_step_minutes: int
    rest_knots_most: float
    max_waiting_before_entry_hours: float
    max_unsettled_visits: int
    max_waiting_ports: int
    # chokepoints
    gate_memory_hours: float
    gate_excursion_hours: float
    transit_recount_hours: float
    max_remembered_gates: int
    unseen_passage_minutes: float
    sailing_knots_most: float
    sailing_knots_least: float
    sailing_knots_margin: float
    lane_within_km: float
    in_progress_silence_hours: float
    mmsi_change_silence_hours: float
    waiting_silence_hours: float
    # weekly indicators
    activity_cell_resolution: int
    vessel_class_by_ais_type: Mapping[int, str]
    undefined_ais_types_to: int
    ais_type_max_length_m: tuple[tuple[int, int, int], ...]
    class_mode_weeks: int
    inland_sea_call_weeks: int
    last_message_tolerance_hours: float
    revision_weeks: int
    coverage_cell_resolution: int
    coverage_wider_resolutions: tuple[int, ...]
    coverage_outage_share: float
    coverage_min_expected_messages: int
    coverage_sure_vessels: int
    coverage_silent_vessel_share: float
    coverage_thinned_vessel_share: float
    coverage_silence_hours: float
    coverage_silence_lead_hours: float
    coverage_silent_below_knots: float
    coverage_port_usual_vessels: int
    coverage_port_low_share: float
    coverage_port_cut_off_vessels: int
    coverage_port_silences_a_day: int
    coverage_low_index: float
    coverage_no_figure_index: float
    # integrity
    dark_silence_hours: float
    dark_longest_days: int
    dark_usual_share: float
    dark_usual_deviations: float
    sender_low_index: float
    interfered_low_share: float
    jammed_low_share: float
    chokepoint_baseline_weeks: int
    chokepoint_look_back_weeks: int
    chokepoint_closed_share: float
    chokepoint_restricted_share: float
    chokepoint_interval_share: float
    vacuum_retention_days: int
    baseline_weeks: int
    min_baseline_weeks: int
    zero_rows_weeks: int
    # series
    series_max_missing_share: float
    series_min_level: int
    series_seasonal_smoother_years: int
    series_min_holidays: int
    series_holiday_harmonics: int
    series_holiday_significance: float
    nowcast_min_weeks: int
    # release check
    max_arrivals_per_ship_and_week: int
    max_arrivals_per_shuttle_and_week: int
    max_hours_in_port: int
    min_movements_to_compare: int
    max_movement_imbalance_share: float
    min_day_messages_to_compare: int
    min_day_volume_share: float
    max_day_volume_share: float
    min_known_cell_share: float
    min_vessels_to_compare: int
    frozen_hours: int
    min_usual_arrivals_to_miss: int
    min_register_match_of_usual: float
    min_value_to_compare_revisions: int
    max_revision_share: float
    rounding_share: float
    share_maximum: float
    # integrity: what stops a release
    interference_critical_share: float
    # disclosure control
    disclosure_min_ships: int
    disclosure_max_share: float
    disclosure_least_protection_share: float
    disclosure_total_cost_factor: float
    disclosure_most_reexamined: int
    # port areas from the data
    derive_stationary_below_knots: float
    derive_stay_radius_km: float
    derive_min_stay_hours: float
    derive_berth_spread_km: float
    derive_cell_resolution: int
    derive_min_ships: int
    derive_berth_cluster_km: float
    derive_anchorage_cluster_km: float
    derive_area_margin_km: float
    derive_outline_tolerance_km: float
    derive_max_port_distance_km: float
    # payload and trade
    sea_water_t_per_m3: float
    block_coefficient_by_class: Mapping[str, float]
    ballast_draught_share: float
    ballast_utilisation_margin: float
    ballast_classes: tuple[str, ...]
    trade_classes: tuple[str, ...]
    max_draught_age_days: int
    arrival_report_minutes: int
    daily_report_midnight_minutes: int
    daily_report_share: float
    min_changes_for_daily_reports: int
    daily_report_before_departure_hours: float
    min_trade_stay_hours: float
    long_trade_stay_hours: float
    draught_mean_weeks: int
    max_voyage_days: int
    draught_step_m: float
    draught_drift_m_per_day: float
    block_coefficient_sd_register: float
    block_coefficient_sd_class: float
    estimated_hull_sd_share: float
    estimated_design_draught_sd_share: float
    hull_length_band_m: float
    hull_length_per_width: Mapping[str, float]
    hull_draught_per_width: Mapping[str, float]
    hull_draught_per_length: Mapping[str, tuple[tuple[float, float], ...]]
    hull_length_to_width_range: tuple[float, float]
    hull_longest_m: float
    hull_deadweight_share: Mapping[str, float]
    imputation_draws: int
    min_calls_for_unchanged_share: int
    interval_share: float
    rounding_half_width_share: float
    silence_before_return_days: float
    silence_before_other_port_days: float
    imputed_draught_sd_share: float
    donor_share_range: tuple[float, float]
    other_sizes_donor_mass: float
    most_like_donor_mass: float
    laden_discharge_mass: float
    laden_discharge_share: float
    laden_draught_share: float
    forgotten_significance: float
    min_calls_for_donor_mass: int
    most_donor_mass: int
    min_calls_for_part_cargo: int
