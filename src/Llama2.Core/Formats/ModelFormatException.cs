using System.Globalization;

namespace Llama2;

/// <summary>
/// A model, tokenizer or adapter file is malformed, inconsistent, or uses a feature that this library does not support. The message states the file,
/// the byte offset, the field, its value and the limit that it violates.
/// </summary>
public sealed class ModelFormatException : LlamaException
{
    /// <summary>Creates the exception from its parts; the message is made from them.</summary>
    /// <param name="filePath">The path of the file, as the caller gave it.</param>
    /// <param name="offset">Byte offset of the field in the file, or null if the fault is not at one place.</param>
    /// <param name="field">The field as the format names it, such as <c>tensor count</c> or <c>general.alignment</c>.</param>
    /// <param name="value">The value in the file, shortened to 200 characters.</param>
    /// <param name="limit">What is allowed, or what is wrong, and the remedy if there is one; a sentence without its full stop.</param>
    /// <param name="innerException">The exception that caused this one, if any.</param>
    public ModelFormatException(string filePath, long? offset, string field, string value, string limit, Exception? innerException = null)
        : base(Compose(filePath, offset, field, value, limit), innerException!)
    {
        FilePath = filePath;
        Offset = offset;
        Field = field;
        Value = Shorten(value);
        Limit = limit;
    }

    /// <summary>The path of the file, as the caller gave it.</summary>
    public string FilePath { get; }

    /// <summary>Byte offset of the field in the file, or null if the fault is not at one place.</summary>
    public long? Offset { get; }

    /// <summary>The field as the format names it.</summary>
    public string Field { get; }

    /// <summary>The value in the file, shortened to 200 characters.</summary>
    public string Value { get; }

    /// <summary>What is allowed, or what is wrong.</summary>
    public string Limit { get; }

    private static string Compose(string filePath, long? offset, string field, string value, string limit)
    {
        string place = offset is null ? "" : string.Create(CultureInfo.InvariantCulture, $", byte {offset:N0}");
        return $"'{filePath}'{place}: {field} is {Shorten(value)}; {limit}.";
    }

    private static string Shorten(string value) => value.Length <= 200 ? value : string.Concat(value.AsSpan(0, 200), "…");
}
