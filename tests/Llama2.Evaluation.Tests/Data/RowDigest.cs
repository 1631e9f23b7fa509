using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>The digest of rows that tests/Reference/data_digests.py computes.</summary>
internal static class RowDigest
{
    /// <param name="rows">The rows.</param>
    /// <param name="fields">The fields, in their order. A point separates the names of nested fields; the values of a list follow each other.</param>
    public static string Of(IEnumerable<JsonElement> rows, params string[] fields)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (JsonElement row in rows)
        {
            string text = string.Concat(fields.SelectMany(field => Values(field.Split('.').Aggregate(row, (value, name) => value.GetProperty(name)))).Select(value => $"{value}\u001F"));
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\u001E"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static IEnumerable<string> Values(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select(item => item.ToString())
        : [value.ToString()];
}
