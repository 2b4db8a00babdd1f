/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen-key-cases from fixtures/cases/unique-index-cases.jsonl. */
#include <criterion/criterion.h>

#include "support/key_case.h"

Test(cases, basic_same_int)
{
    test_key_case(0, "basic/same-int");
}

Test(cases, basic_distinct)
{
    test_key_case(1, "basic/distinct");
}

Test(cases, basic_compound_tuple)
{
    test_key_case(2, "basic/compound-tuple");
}

Test(cases, basic_three_way)
{
    test_key_case(3, "basic/three-way");
}

Test(cases, basic_not_unique)
{
    test_key_case(4, "basic/not-unique");
}

Test(cases, basic_unique_as_number)
{
    test_key_case(5, "basic/unique-as-number");
}

Test(cases, path_dotted_object)
{
    test_key_case(6, "path/dotted-object");
}

Test(cases, path_scalar_in_middle_is_null)
{
    test_key_case(7, "path/scalar-in-middle-is-null");
}

Test(cases, path_array_of_subdocs)
{
    test_key_case(8, "path/array-of-subdocs");
}

Test(cases, path_subdoc_missing_field_adds_null)
{
    test_key_case(9, "path/subdoc-missing-field-adds-null");
}

Test(cases, path_array_of_scalars_is_null)
{
    test_key_case(10, "path/array-of-scalars-is-null");
}

Test(cases, path_empty_array_in_middle_is_null)
{
    test_key_case(11, "path/empty-array-in-middle-is-null");
}

Test(cases, path_empty_array_at_end_is_undefined)
{
    test_key_case(12, "path/empty-array-at-end-is-undefined");
}

Test(cases, path_leaf_array_expands)
{
    test_key_case(13, "path/leaf-array-expands");
}

Test(cases, path_array_within_array_of_subdocs)
{
    test_key_case(14, "path/array-within-array-of-subdocs");
}

Test(cases, path_self_overlap_only)
{
    test_key_case(15, "path/self-overlap-only");
}

Test(cases, path_nested_array_not_traversed)
{
    test_key_case(16, "path/nested-array-not-traversed");
}

Test(cases, path_deep_mixed)
{
    test_key_case(17, "path/deep-mixed");
}

Test(cases, path_deep_mixed_null)
{
    test_key_case(18, "path/deep-mixed-null");
}

Test(cases, path_golden_dotted_subdocs)
{
    test_key_case(19, "path/golden-dotted-subdocs");
}

Test(cases, path_literal_dot_name_not_matched)
{
    test_key_case(20, "path/literal-dot-name-not-matched");
}

Test(cases, path_repeated_field_first_wins)
{
    test_key_case(21, "path/repeated-field-first-wins");
}

Test(cases, path_repeated_field_second_ignored)
{
    test_key_case(22, "path/repeated-field-second-ignored");
}

Test(cases, multikey_array_vs_scalar)
{
    test_key_case(23, "multikey/array-vs-scalar");
}

Test(cases, multikey_overlap_chain)
{
    test_key_case(24, "multikey/overlap-chain");
}

Test(cases, multikey_same_value_in_own_array)
{
    test_key_case(25, "multikey/same-value-in-own-array");
}

Test(cases, multikey_equivalent_types_in_own_array)
{
    test_key_case(26, "multikey/equivalent-types-in-own-array");
}

Test(cases, multikey_doc_own_repeat_subdocs)
{
    test_key_case(27, "multikey/doc-own-repeat-subdocs");
}

Test(cases, multikey_nested_array_is_one_value)
{
    test_key_case(28, "multikey/nested-array-is-one-value");
}

Test(cases, multikey_nested_arrays_equal)
{
    test_key_case(29, "multikey/nested-arrays-equal");
}

Test(cases, multikey_nested_array_order_matters)
{
    test_key_case(30, "multikey/nested-array-order-matters");
}

Test(cases, multikey_empty_arrays)
{
    test_key_case(31, "multikey/empty-arrays");
}

Test(cases, multikey_empty_array_vs_missing)
{
    test_key_case(32, "multikey/empty-array-vs-missing");
}

Test(cases, multikey_empty_array_vs_null)
{
    test_key_case(33, "multikey/empty-array-vs-null");
}

Test(cases, multikey_null_element_vs_missing)
{
    test_key_case(34, "multikey/null-element-vs-missing");
}

Test(cases, multikey_undefined_vs_empty_array)
{
    test_key_case(35, "multikey/undefined-vs-empty-array");
}

Test(cases, multikey_empty_inner_array)
{
    test_key_case(36, "multikey/empty-inner-array");
}

Test(cases, multikey_subdoc_element)
{
    test_key_case(37, "multikey/subdoc-element");
}

Test(cases, multikey_compound_first)
{
    test_key_case(38, "multikey/compound-first");
}

Test(cases, multikey_compound_not_cross)
{
    test_key_case(39, "multikey/compound-not-cross");
}

Test(cases, multikey_compound_second)
{
    test_key_case(40, "multikey/compound-second");
}

Test(cases, multikey_compound_empty_array)
{
    test_key_case(41, "multikey/compound-empty-array");
}

Test(cases, multikey_same_array_fields_correlate)
{
    test_key_case(42, "multikey/same-array-fields-correlate");
}

Test(cases, multikey_same_array_fields_correlate_dup)
{
    test_key_case(43, "multikey/same-array-fields-correlate-dup");
}

Test(cases, multikey_alternate_missing)
{
    test_key_case(44, "multikey/alternate-missing");
}

Test(cases, multikey_parent_and_child_path)
{
    test_key_case(45, "multikey/parent-and-child-path");
}

Test(cases, multikey_parent_and_child_differ)
{
    test_key_case(46, "multikey/parent-and-child-differ");
}

Test(cases, multikey_parent_child_empty)
{
    test_key_case(47, "multikey/parent-child-empty");
}

Test(cases, parallel_basic)
{
    test_key_case(48, "parallel/basic");
}

Test(cases, parallel_both_empty)
{
    test_key_case(49, "parallel/both-empty");
}

Test(cases, parallel_one_empty)
{
    test_key_case(50, "parallel/one-empty");
}

Test(cases, parallel_single_elements_in_subdoc)
{
    test_key_case(51, "parallel/single-elements-in-subdoc");
}

Test(cases, parallel_in_nested_objects)
{
    test_key_case(52, "parallel/in-nested-objects");
}

Test(cases, parallel_positional_does_not_help)
{
    test_key_case(53, "parallel/positional-does-not-help");
}

Test(cases, parallel_array_and_scalar_fine)
{
    test_key_case(54, "parallel/array-and-scalar-fine");
}

Test(cases, parallel_different_docs_different_fields)
{
    test_key_case(55, "parallel/different-docs-different-fields");
}

Test(cases, parallel_sparse_does_not_help)
{
    test_key_case(56, "parallel/sparse-does-not-help");
}

Test(cases, positional_first_element)
{
    test_key_case(57, "positional/first-element");
}

Test(cases, positional_other_elements_ignored)
{
    test_key_case(58, "positional/other-elements-ignored");
}

Test(cases, positional_named_field)
{
    test_key_case(59, "positional/named-field");
}

Test(cases, positional_whole_inner_array)
{
    test_key_case(60, "positional/whole-inner-array");
}

Test(cases, positional_inner_array_not_expanded)
{
    test_key_case(61, "positional/inner-array-not-expanded");
}

Test(cases, positional_empty_inner_array)
{
    test_key_case(62, "positional/empty-inner-array");
}

Test(cases, positional_out_of_range_is_null)
{
    test_key_case(63, "positional/out-of-range-is-null");
}

Test(cases, positional_empty_array_is_null)
{
    test_key_case(64, "positional/empty-array-is-null");
}

Test(cases, positional_double_index)
{
    test_key_case(65, "positional/double-index");
}

Test(cases, positional_object_within_array)
{
    test_key_case(66, "positional/object-within-array");
}

Test(cases, positional_then_leaf_array)
{
    test_key_case(67, "positional/then-leaf-array");
}

Test(cases, positional_numeric_name_when_no_such_position)
{
    test_key_case(68, "positional/numeric-name-when-no-such-position");
}

Test(cases, positional_ambiguous)
{
    test_key_case(69, "positional/ambiguous");
}

Test(cases, positional_ambiguous_other_element)
{
    test_key_case(70, "positional/ambiguous-other-element");
}

Test(cases, positional_ambiguous_field_unindexed)
{
    test_key_case(71, "positional/ambiguous-field-unindexed");
}

Test(cases, positional_last_in_middle_array)
{
    test_key_case(72, "positional/last-in-middle-array");
}

Test(cases, positional_nested_array_mixed)
{
    test_key_case(73, "positional/nested-array-mixed");
}

Test(cases, positional_nested_array_mixed_null)
{
    test_key_case(74, "positional/nested-array-mixed-null");
}

Test(cases, null_two_missing)
{
    test_key_case(75, "null/two-missing");
}

Test(cases, null_missing_vs_null)
{
    test_key_case(76, "null/missing-vs-null");
}

Test(cases, null_undefined_vs_null)
{
    test_key_case(77, "null/undefined-vs-null");
}

Test(cases, null_undefined_vs_missing)
{
    test_key_case(78, "null/undefined-vs-missing");
}

Test(cases, null_two_undefined)
{
    test_key_case(79, "null/two-undefined");
}

Test(cases, null_compound_both_missing)
{
    test_key_case(80, "null/compound-both-missing");
}

Test(cases, null_compound_partly_missing)
{
    test_key_case(81, "null/compound-partly-missing");
}

Test(cases, null_null_vs_zero_and_empty)
{
    test_key_case(82, "null/null-vs-zero-and-empty");
}

Test(cases, sparse_missing_skipped)
{
    test_key_case(83, "sparse/missing-skipped");
}

Test(cases, sparse_same_data_not_sparse)
{
    test_key_case(84, "sparse/same-data-not-sparse");
}

Test(cases, sparse_real_values_still_unique)
{
    test_key_case(85, "sparse/real-values-still-unique");
}

Test(cases, sparse_explicit_null_indexed)
{
    test_key_case(86, "sparse/explicit-null-indexed");
}

Test(cases, sparse_null_vs_missing)
{
    test_key_case(87, "sparse/null-vs-missing");
}

Test(cases, sparse_compound_any_field_present)
{
    test_key_case(88, "sparse/compound-any-field-present");
}

Test(cases, sparse_compound_all_missing)
{
    test_key_case(89, "sparse/compound-all-missing");
}

Test(cases, sparse_compound_null_equals_missing)
{
    test_key_case(90, "sparse/compound-null-equals-missing");
}

Test(cases, sparse_dotted_parent_scalar_or_empty)
{
    test_key_case(91, "sparse/dotted-parent-scalar-or-empty");
}

Test(cases, sparse_dotted_array_mixed)
{
    test_key_case(92, "sparse/dotted-array-mixed");
}

Test(cases, sparse_empty_array_is_present)
{
    test_key_case(93, "sparse/empty-array-is-present");
}

Test(cases, sparse_parent_path_keeps_key)
{
    test_key_case(94, "sparse/parent-path-keeps-key");
}

Test(cases, number_four_types)
{
    test_key_case(95, "number/four-types");
}

Test(cases, number_int_then_double_text)
{
    test_key_case(96, "number/int-then-double-text");
}

Test(cases, number_negative_zero)
{
    test_key_case(97, "number/negative-zero");
}

Test(cases, number_decimal_zeros)
{
    test_key_case(98, "number/decimal-zeros");
}

Test(cases, number_nan_equals_nan)
{
    test_key_case(99, "number/nan-equals-nan");
}

Test(cases, number_infinity_cross_type)
{
    test_key_case(100, "number/infinity-cross-type");
}

Test(cases, number_decimal_trailing_zeros)
{
    test_key_case(101, "number/decimal-trailing-zeros");
}

Test(cases, number_decimal_last_digit)
{
    test_key_case(102, "number/decimal-last-digit");
}

Test(cases, number_double_tenth_vs_decimal_tenth)
{
    test_key_case(103, "number/double-tenth-vs-decimal-tenth");
}

Test(cases, number_exact_fraction)
{
    test_key_case(104, "number/exact-fraction");
}

Test(cases, number_2pow53_plus_1_int_vs_double)
{
    test_key_case(105, "number/2pow53-plus-1-int-vs-double");
}

Test(cases, number_2pow53_int_vs_double)
{
    test_key_case(106, "number/2pow53-int-vs-double");
}

Test(cases, number_2pow53_plus_1_int_vs_decimal)
{
    test_key_case(107, "number/2pow53-plus-1-int-vs-decimal");
}

Test(cases, number_int64_max_vs_2pow63)
{
    test_key_case(108, "number/int64-max-vs-2pow63");
}

Test(cases, number_int64_min_three_types)
{
    test_key_case(109, "number/int64-min-three-types");
}

Test(cases, number_factorial_20_decimal_exponent)
{
    test_key_case(110, "number/factorial-20-decimal-exponent");
}

Test(cases, number_signs_and_magnitudes)
{
    test_key_case(111, "number/signs-and-magnitudes");
}

Test(cases, number_bool_is_not_number)
{
    test_key_case(112, "number/bool-is-not-number");
}

Test(cases, number_string_is_not_number)
{
    test_key_case(113, "number/string-is-not-number");
}

Test(cases, number_nested_in_object)
{
    test_key_case(114, "number/nested-in-object");
}

Test(cases, type_string_vs_symbol)
{
    test_key_case(115, "type/string-vs-symbol");
}

Test(cases, type_string_case_and_space)
{
    test_key_case(116, "type/string-case-and-space");
}

Test(cases, type_string_embedded_nul)
{
    test_key_case(117, "type/string-embedded-nul");
}

Test(cases, type_string_embedded_nul_differs)
{
    test_key_case(118, "type/string-embedded-nul-differs");
}

Test(cases, type_unicode_forms)
{
    test_key_case(119, "type/unicode-forms");
}

Test(cases, type_empty_strings)
{
    test_key_case(120, "type/empty-strings");
}

Test(cases, type_code_string_symbol)
{
    test_key_case(121, "type/code-string-symbol");
}

Test(cases, type_code_equal)
{
    test_key_case(122, "type/code-equal");
}

Test(cases, type_code_with_scope)
{
    test_key_case(123, "type/code-with-scope");
}

Test(cases, type_code_with_scope_number)
{
    test_key_case(124, "type/code-with-scope-number");
}

Test(cases, type_bindata_subtype)
{
    test_key_case(125, "type/bindata-subtype");
}

Test(cases, type_uuid)
{
    test_key_case(126, "type/uuid");
}

Test(cases, type_uuid_legacy_differs)
{
    test_key_case(127, "type/uuid-legacy-differs");
}

Test(cases, type_objectid)
{
    test_key_case(128, "type/objectid");
}

Test(cases, type_objectid_vs_hex_string)
{
    test_key_case(129, "type/objectid-vs-hex-string");
}

Test(cases, type_date)
{
    test_key_case(130, "type/date");
}

Test(cases, type_timestamp_increment)
{
    test_key_case(131, "type/timestamp-increment");
}

Test(cases, type_regex_flags)
{
    test_key_case(132, "type/regex-flags");
}

Test(cases, type_regex_equal)
{
    test_key_case(133, "type/regex-equal");
}

Test(cases, type_minkey_maxkey)
{
    test_key_case(134, "type/minkey-maxkey");
}

Test(cases, type_maxkey_twice)
{
    test_key_case(135, "type/maxkey-twice");
}

Test(cases, type_dbpointer)
{
    test_key_case(136, "type/dbpointer");
}

Test(cases, type_bool)
{
    test_key_case(137, "type/bool");
}

Test(cases, type_long_strings_differ_at_end)
{
    test_key_case(138, "type/long-strings-differ-at-end");
}

Test(cases, object_field_order)
{
    test_key_case(139, "object/field-order");
}

Test(cases, object_equal)
{
    test_key_case(140, "object/equal");
}

Test(cases, object_null_field_vs_missing)
{
    test_key_case(141, "object/null-field-vs-missing");
}

Test(cases, object_empty)
{
    test_key_case(142, "object/empty");
}

Test(cases, object_names_matter)
{
    test_key_case(143, "object/names-matter");
}

Test(cases, object_prefix)
{
    test_key_case(144, "object/prefix");
}

Test(cases, object_inner_array_not_unwrapped)
{
    test_key_case(145, "object/inner-array-not-unwrapped");
}

Test(cases, object_inner_bool_vs_int)
{
    test_key_case(146, "object/inner-bool-vs-int");
}

Test(cases, object_nested_number_types)
{
    test_key_case(147, "object/nested-number-types");
}

Test(cases, partial_only_matching_docs)
{
    test_key_case(148, "partial/only-matching-docs");
}

Test(cases, partial_duplicates_straddle)
{
    test_key_case(149, "partial/duplicates-straddle");
}

Test(cases, partial_exists_missing_skipped)
{
    test_key_case(150, "partial/exists-missing-skipped");
}

Test(cases, partial_exists_null_indexed)
{
    test_key_case(151, "partial/exists-null-indexed");
}

Test(cases, partial_type_string)
{
    test_key_case(152, "partial/type-string");
}

Test(cases, partial_type_string_dup)
{
    test_key_case(153, "partial/type-string-dup");
}

Test(cases, partial_gt_number_brackets_types)
{
    test_key_case(154, "partial/gt-number-brackets-types");
}

Test(cases, partial_eq_null_matches_missing)
{
    test_key_case(155, "partial/eq-null-matches-missing");
}

Test(cases, partial_gte_null_matches_missing)
{
    test_key_case(156, "partial/gte-null-matches-missing");
}

Test(cases, partial_array_any_element)
{
    test_key_case(157, "partial/array-any-element");
}

Test(cases, partial_conditions_met_by_different_elements)
{
    test_key_case(158, "partial/conditions-met-by-different-elements");
}

Test(cases, partial_and_top_level)
{
    test_key_case(159, "partial/and-top-level");
}

Test(cases, partial_in_operator)
{
    test_key_case(160, "partial/in-operator");
}

Test(cases, partial_or_operator)
{
    test_key_case(161, "partial/or-operator");
}

Test(cases, partial_in_rejected_before_6)
{
    test_key_case(162, "partial/in-rejected-before-6");
}

Test(cases, partial_ne_rejected)
{
    test_key_case(163, "partial/ne-rejected");
}

Test(cases, partial_exists_false_rejected)
{
    test_key_case(164, "partial/exists-false-rejected");
}

Test(cases, partial_regex_rejected)
{
    test_key_case(165, "partial/regex-rejected");
}

Test(cases, partial_expr_rejected)
{
    test_key_case(166, "partial/expr-rejected");
}

Test(cases, partial_with_sparse_rejected)
{
    test_key_case(167, "partial/with-sparse-rejected");
}

Test(cases, partial_sparse_false_allowed)
{
    test_key_case(168, "partial/sparse-false-allowed");
}

Test(cases, partial_excluded_doc_not_keyed)
{
    test_key_case(169, "partial/excluded-doc-not-keyed");
}

Test(cases, partial_included_doc_parallel)
{
    test_key_case(170, "partial/included-doc-parallel");
}

Test(cases, partial_missing_index_field_is_null)
{
    test_key_case(171, "partial/missing-index-field-is-null");
}

Test(cases, partial_dotted_filter)
{
    test_key_case(172, "partial/dotted-filter");
}

Test(cases, partial_bool_filter)
{
    test_key_case(173, "partial/bool-filter");
}

Test(cases, partial_null_filter_undefined_before_8)
{
    test_key_case(174, "partial/null-filter-undefined-before-8");
}

Test(cases, partial_null_filter_undefined_from_8)
{
    test_key_case(175, "partial/null-filter-undefined-from-8");
}

Test(cases, id_int_long_double)
{
    test_key_case(176, "id/int-long-double");
}

Test(cases, id_text)
{
    test_key_case(177, "id/text");
}

Test(cases, id_missing_gets_generated)
{
    test_key_case(178, "id/missing-gets-generated");
}

Test(cases, id_null_is_a_value)
{
    test_key_case(179, "id/null-is-a-value");
}

Test(cases, id_object_with_array_not_multikey)
{
    test_key_case(180, "id/object-with-array-not-multikey");
}

Test(cases, id_object_field_order)
{
    test_key_case(181, "id/object-field-order");
}

Test(cases, id_array_rejected)
{
    test_key_case(182, "id/array-rejected");
}

Test(cases, id_collection_default_collation)
{
    test_key_case(183, "id/collection-default-collation");
}

Test(cases, collation_strength2_ignores_case)
{
    test_key_case(184, "collation/strength2-ignores-case");
}

Test(cases, collation_strength2_keeps_accents)
{
    test_key_case(185, "collation/strength2-keeps-accents");
}

Test(cases, collation_strength1_ignores_case_and_accents)
{
    test_key_case(186, "collation/strength1-ignores-case-and-accents");
}

Test(cases, collation_default_strength_3)
{
    test_key_case(187, "collation/default-strength-3");
}

Test(cases, collation_canonical_equivalence_at_3)
{
    test_key_case(188, "collation/canonical-equivalence-at-3");
}

Test(cases, collation_numeric_ordering)
{
    test_key_case(189, "collation/numeric-ordering");
}

Test(cases, collation_no_numeric_ordering)
{
    test_key_case(190, "collation/no-numeric-ordering");
}

Test(cases, collation_shifted_ignores_punctuation)
{
    test_key_case(191, "collation/shifted-ignores-punctuation");
}

Test(cases, collation_shifted_space_only)
{
    test_key_case(192, "collation/shifted-space-only");
}

Test(cases, collation_shifted_strength4)
{
    test_key_case(193, "collation/shifted-strength4");
}

Test(cases, collation_case_level_at_1)
{
    test_key_case(194, "collation/case-level-at-1");
}

Test(cases, collation_case_level_at_1_accents)
{
    test_key_case(195, "collation/case-level-at-1-accents");
}

Test(cases, collation_simple_locale)
{
    test_key_case(196, "collation/simple-locale");
}

Test(cases, collation_strings_inside_objects)
{
    test_key_case(197, "collation/strings-inside-objects");
}

Test(cases, collation_strings_inside_arrays)
{
    test_key_case(198, "collation/strings-inside-arrays");
}

Test(cases, collation_field_names_not_collated)
{
    test_key_case(199, "collation/field-names-not-collated");
}

Test(cases, collation_multikey_strings)
{
    test_key_case(200, "collation/multikey-strings");
}

Test(cases, collation_symbol_cannot_be_indexed)
{
    test_key_case(201, "collation/symbol-cannot-be-indexed");
}

Test(cases, collation_code_and_regex_not_collated)
{
    test_key_case(202, "collation/code-and-regex-not-collated");
}

Test(cases, collation_other_types_unaffected)
{
    test_key_case(203, "collation/other-types-unaffected");
}

Test(cases, collation_metadata_spec_without_collation_is_simple)
{
    test_key_case(204, "collation/metadata-spec-without-collation-is-simple");
}

Test(cases, collation_createIndexes_inherits_default)
{
    test_key_case(205, "collation/createIndexes-inherits-default");
}

Test(cases, collation_filter_uses_index_collation)
{
    test_key_case(206, "collation/filter-uses-index-collation");
}

Test(cases, spec_unique_hashed)
{
    test_key_case(207, "spec/unique-hashed");
}

Test(cases, spec_unique_wildcard)
{
    test_key_case(208, "spec/unique-wildcard");
}

Test(cases, spec_unique_on_timeseries)
{
    test_key_case(209, "spec/unique-on-timeseries");
}

Test(cases, spec_hidden_still_enforced)
{
    test_key_case(210, "spec/hidden-still-enforced");
}

Test(cases, spec_ttl_irrelevant)
{
    test_key_case(211, "spec/ttl-irrelevant");
}

Test(cases, spec_prepare_unique_does_not_check_existing)
{
    test_key_case(212, "spec/prepare-unique-does-not-check-existing");
}

Test(cases, spec_zero_direction)
{
    test_key_case(213, "spec/zero-direction");
}

Test(cases, spec_empty_path_component)
{
    test_key_case(214, "spec/empty-path-component");
}

Test(cases, spec_fractional_direction)
{
    test_key_case(215, "spec/fractional-direction");
}

Test(cases, all_are_here)
{
    cr_assert_eq(test_key_case_count(), 216);
}
