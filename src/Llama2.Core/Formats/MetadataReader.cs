using System.Globalization;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Typed access to the metadata of a model file. Writers differ in the integer types that they choose, so any integer type is accepted if the value
/// is in range. A value that has another type or is out of range causes a <see cref="ModelFormatException"/> that states the key, the value and the
/// limit. <c>Get…</c> requires the key; <c>Find…</c> returns null if it is missing.
/// </summary>
internal sealed class MetadataReader(IModelFile file)
{
    /// <summary>The keys in the order of the file.</summary>
    public IEnumerable<string> Keys => file.Metadata.Keys;

    /// <summary>Whether a key has exactly the given value and type.</summary>
    public bool Has(string key, object value) => file.Metadata.TryGetValue(key, out object? found) && found.Equals(value);

    public int GetInt32(string key, int min, int max) => FindInt32(key, min, max) ?? throw Missing(key);

    public int? FindInt32(string key, int min, int max) =>
        !file.Metadata.TryGetValue(key, out object? value) ? null
        : ToInteger(value) is not { } number ? throw WrongType(key, value, "an integer")
        : number >= min && number <= max ? (int)number
        : throw Fault(key, Text(number), Invariant($"it must be from {min:N0} to {max:N0}"));

    public float GetSingle(string key, float min, float max) => FindSingle(key, min, max) ?? throw Missing(key);

    /// <summary>Returns a finite number; a double is rounded to a float.</summary>
    public float? FindSingle(string key, float min, float max)
    {
        if (!file.Metadata.TryGetValue(key, out object? value))
            return null;

        float number = value switch
        {
            float single => single,
            double wide => (float)wide,
            _ => throw WrongType(key, value, "a floating-point number"),
        };

        // The condition is false for NaN, so NaN is refused.
        return float.IsFinite(number) && number >= min && number <= max
            ? number
            : throw Fault(key, Text(number), $"it must be a finite number from {Text(min)} to {Text(max)}");
    }

    public bool GetBoolean(string key) => FindBoolean(key) ?? throw Missing(key);

    public bool? FindBoolean(string key) =>
        file.Metadata.TryGetValue(key, out object? value) ? value as bool? ?? throw WrongType(key, value, "a boolean") : null;

    public string GetString(string key) => FindString(key) ?? throw Missing(key);

    public string? FindString(string key) => Find<string>(key, "a string");

    /// <summary>Returns the array itself and not a copy, so the caller must not modify it.</summary>
    public string[] GetStringArray(string key) => FindStringArray(key) ?? throw Missing(key);

    /// <summary>Returns the array itself and not a copy, so the caller must not modify it.</summary>
    public string[]? FindStringArray(string key) => Find<string[]>(key, "an array of strings");

    /// <summary>Returns the array itself and not a copy, so the caller must not modify it. Its elements may be NaN or infinite.</summary>
    public float[] GetSingleArray(string key) => FindSingleArray(key) ?? throw Missing(key);

    /// <summary>Returns the array itself and not a copy, so the caller must not modify it. Its elements may be NaN or infinite.</summary>
    public float[]? FindSingleArray(string key) => Find<float[]>(key, "an array of 32-bit floating-point numbers");

    public int[] GetInt32Array(string key, int min, int max) => FindInt32Array(key, min, max) ?? throw Missing(key);

    /// <summary>A copy of an array of any integer type. Each element must be within the range.</summary>
    public int[]? FindInt32Array(string key, int min, int max)
    {
        if (!file.Metadata.TryGetValue(key, out object? value))
            return null;

        return value switch
        {
            // The types are compared exactly. A type pattern would confuse int[] with uint[], because the runtime can cast either of them to the other.
            Array array when array.GetType() == typeof(byte[]) => Convert(key, (byte[])array, min, max),
            Array array when array.GetType() == typeof(sbyte[]) => Convert(key, (sbyte[])array, min, max),
            Array array when array.GetType() == typeof(ushort[]) => Convert(key, (ushort[])array, min, max),
            Array array when array.GetType() == typeof(short[]) => Convert(key, (short[])array, min, max),
            Array array when array.GetType() == typeof(uint[]) => Convert(key, (uint[])array, min, max),
            Array array when array.GetType() == typeof(int[]) => Convert(key, (int[])array, min, max),
            Array array when array.GetType() == typeof(ulong[]) => Convert(key, (ulong[])array, min, max),
            Array array when array.GetType() == typeof(long[]) => Convert(key, (long[])array, min, max),
            _ => throw WrongType(key, value, "an array of integers"),
        };
    }

    /// <summary>Creates the exception for a value that has the right type, but with which the model cannot be run.</summary>
    public ModelFormatException Fault(string key, string value, string limit) => Fault(key, value, limit, file.MetadataOffset(key));

    private int[] Convert<T>(string key, T[] values, int min, int max)
        where T : System.Numerics.IBinaryInteger<T>
    {
        int[] result = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            // The conversion saturates, so a number too large for a long is still out of range.
            long number = long.CreateSaturating(values[i]);
            if (number < min || number > max)
                throw Fault($"{key}[{i}]", Text(values[i]), $"it must be from {Text(min)} to {Text(max)}", file.MetadataOffset(key));
            result[i] = (int)number;
        }

        return result;
    }

    private T? Find<T>(string key, string expected)
        where T : class =>
        !file.Metadata.TryGetValue(key, out object? value) ? null
        : value.GetType() == typeof(T) ? (T)value
        : throw WrongType(key, value, expected);

    private static Int128? ToInteger(object value) => value switch
    {
        byte number => number,
        sbyte number => number,
        ushort number => number,
        short number => number,
        uint number => number,
        int number => number,
        ulong number => number,
        long number => number,
        _ => null,
    };

    private ModelFormatException Missing(string key) =>
        new(file.Path, null, key, "missing", "the model cannot be run without this key; convert it again with a current converter");

    private ModelFormatException WrongType(string key, object value, string expected) =>
        Fault(key, Describe(value), $"it must be {expected}");

    private ModelFormatException Fault(string key, string value, string limit, long? offset) => new(file.Path, offset, key, value, limit);

    private static string Describe(object value) => value switch
    {
        string text => $"the string \"{(text.Length <= 100 ? text : text[..100])}\"",
        bool flag => flag ? "the boolean true" : "the boolean false",
        Array array => Invariant($"an array of {array.Length:N0} values of type {array.GetType().GetElementType()!.Name}"),
        IFormattable number => $"{Text(number)} of type {value.GetType().Name}",
        _ => value.GetType().Name,
    };

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
