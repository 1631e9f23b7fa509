using System.Globalization;

namespace Llama2;

/// <summary>
/// A model, tokenizer or adapter file is malformed, inconsistent, or uses something this library does not support.
/// The message names the file, the byte offset, the field, its value and the limit that it breaks.
/// </summary>
public sealed class ModelFormatException : LlamaException
{
    /// <summary>Creates the exception from its parts; the message is composed of them.</summary>
    /// <param name="filePath">The file as the caller named it.</param>
    /// <param name="offset">Byte offset of the field in the file, or -1 where the fault has no single place.</param>
    /// <param name="field">The field in the format's own words, such as <c>tensor count</c> or <c>general.alignment</c>.</param>
    /// <param name="value">The value found, shortened to 200 characters.</param>
    /// <param name="limit">What is allowed, or what is wrong, and the remedy if there is one; a sentence without its full stop.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public ModelFormatException(string filePath, long offset, string field, string value, string limit, Exception? innerException = null)
        : base(Compose(filePath, offset, field, value, limit), innerException!)
    {
        FilePath = filePath;
        Offset = offset;
        Field = field;
        Value = Shorten(value);
        Limit = limit;
    }

    /// <summary>The file as the caller named it.</summary>
    public string FilePath { get; }

    /// <summary>Byte offset of the field in the file, or -1 where the fault has no single place.</summary>
    public long Offset { get; }

    /// <summary>The field in the format's own words.</summary>
    public string Field { get; }

    /// <summary>The value found, shortened to 200 characters.</summary>
    public string Value { get; }

    /// <summary>What is allowed, or what is wrong.</summary>
    public string Limit { get; }

    private static string Compose(string filePath, long offset, string field, string value, string limit)
    {
        string place = offset < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", byte {offset:N0}");
        return $"'{filePath}'{place}: {field} is {Shorten(value)}; {limit}.";
    }

    private static string Shorten(string value) => value.Length <= 200 ? value : string.Concat(value.AsSpan(0, 200), "…");
}
