using System.Globalization;
using System.Text.Json;
using Llama2.Cli.Output;

namespace Llama2.Cli.Inspection;

/// <summary>
/// Writes a value of a model file's metadata as JSON, in full. The value is a number, a Boolean, a text, or an array of values of one of these types.
/// </summary>
internal static class MetadataJson
{
    public static void Write(Utf8JsonWriter json, object value)
    {
        Type type = value.GetType();
        // The writer is selected by the code of the type, not by a pattern: at run time an int[] is also a uint[], so a pattern could not distinguish
        // them.
        switch (Type.GetTypeCode(type.IsArray ? type.GetElementType() : type))
        {
            case TypeCode.String:
                Write<string>(json, value, JsonOutput.WriteText);
                break;
            case TypeCode.Boolean:
                Write<bool>(json, value, static (json, flag) => json.WriteBooleanValue(flag));
                break;
            case TypeCode.Single:
                Write<float>(json, value, WriteSingle);
                break;
            case TypeCode.Double:
                Write<double>(json, value, WriteDouble);
                break;
            case TypeCode.Byte:
                Write<byte>(json, value, static (json, number) => json.WriteNumberValue((uint)number));
                break;
            case TypeCode.SByte:
                Write<sbyte>(json, value, static (json, number) => json.WriteNumberValue((int)number));
                break;
            case TypeCode.UInt16:
                Write<ushort>(json, value, static (json, number) => json.WriteNumberValue((uint)number));
                break;
            case TypeCode.Int16:
                Write<short>(json, value, static (json, number) => json.WriteNumberValue((int)number));
                break;
            case TypeCode.UInt32:
                Write<uint>(json, value, static (json, number) => json.WriteNumberValue(number));
                break;
            case TypeCode.Int32:
                Write<int>(json, value, static (json, number) => json.WriteNumberValue(number));
                break;
            case TypeCode.UInt64:
                Write<ulong>(json, value, static (json, number) => json.WriteNumberValue(number));
                break;
            case TypeCode.Int64:
                Write<long>(json, value, static (json, number) => json.WriteNumberValue(number));
                break;
            default:
                throw new ArgumentException($"Metadata of type {type} cannot be written as JSON.", nameof(value));
        }
    }

    // The elements are not boxed. When they were boxed, writing an array of 4 Mi bytes took 96 MiB of memory.
    private static void Write<T>(Utf8JsonWriter json, object value, Action<Utf8JsonWriter, T> write)
    {
        if (value is T[] elements)
            json.WriteArray(elements, write);
        else
            write(json, (T)value);
    }

    private static void WriteSingle(Utf8JsonWriter json, float number)
    {
        if (float.IsFinite(number))
            json.WriteNumberValue(number);
        else
            WriteNotFinite(json, number);
    }

    private static void WriteDouble(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
            json.WriteNumberValue(number);
        else
            WriteNotFinite(json, number);
    }

    // JSON has no numbers for infinity and NaN, so the names that these values have in .NET, Java and JavaScript are written as strings.
    private static void WriteNotFinite(Utf8JsonWriter json, double number) => json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
}
