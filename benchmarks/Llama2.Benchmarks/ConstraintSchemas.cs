namespace Llama2.Benchmarks;

/// <summary>The schemas with which <see cref="ConstraintMeasurement"/> generates.</summary>
internal static class ConstraintSchemas
{
    /// <summary>The number of keys of <see cref="Customer"/>.</summary>
    public const int CustomerKeyCount = 12;

    /// <summary>A record with 12 keys and short values, most of whose text follows from the schema.</summary>
    public const string Customer = """
        {
          "type": "object",
          "properties": {
            "first_name": { "type": "string", "minLength": 2, "maxLength": 16 },
            "last_name": { "type": "string", "minLength": 2, "maxLength": 16 },
            "date_of_birth": { "type": "string", "format": "date" },
            "country_code": { "type": "string", "pattern": "^[A-Z]{2}$" },
            "preferred_language": { "enum": ["English", "French", "German", "Spanish"] },
            "membership_level": { "enum": ["bronze", "silver", "gold"] },
            "number_of_orders": { "type": "integer", "minimum": 0, "maximum": 999 },
            "average_rating": { "type": "number", "minimum": 1, "maximum": 5, "multipleOf": 0.5 },
            "is_email_confirmed": { "type": "boolean" },
            "receives_newsletter": { "type": "boolean" },
            "delivery_method": { "enum": ["parcel", "letter", "collection"] },
            "payment_method": { "enum": ["invoice", "card", "direct debit"] }
          },
          "required": [
            "first_name", "last_name", "date_of_birth", "country_code", "preferred_language", "membership_level", "number_of_orders", "average_rating",
            "is_email_confirmed", "receives_newsletter", "delivery_method", "payment_method"
          ],
          "additionalProperties": false
        }
        """;

    /// <summary>
    /// A record that consists mostly of free text, so little of it follows from the schema. Every index yields a different schema, and texts of a
    /// different length, so concurrent generations do not all end at the same time.
    /// </summary>
    public static string Note(int index) => $$"""
        {
          "type": "object",
          "properties": {
            "title{{index}}": { "type": "string", "minLength": {{16 + index % 8}}, "maxLength": 60 },
            "kind": { "enum": ["story", "recipe", "letter {{index}}"] },
            "value": {{Value(index)}},
            "tags": { "type": "array", "items": { "type": "string", "minLength": 3, "maxLength": 12 }, "minItems": 2, "maxItems": 4 },
            "text": { "type": "string", "minLength": {{100 + index}}, "maxLength": {{240 + 8 * index}} }
          },
          "required": ["title{{index}}", "kind", "value", "tags", "text"],
          "additionalProperties": false
        }
        """;

    private static string Value(int index) => (index % 4) switch
    {
        0 => $$"""{ "type": "integer", "minimum": {{index}}, "maximum": {{1000 + index}} }""",
        1 => """{ "type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$" }""",
        2 => """{ "type": "string", "format": "date" }""",
        _ => """{ "anyOf": [{ "type": "null" }, { "type": "string", "format": "ipv4" }] }""",
    };
}
