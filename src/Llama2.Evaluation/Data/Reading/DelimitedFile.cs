using System.Text;
using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using nietras.SeparatedValues;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>
/// Reads comma- or tab-separated values by RFC 4180: a field in quotes may contain separators and line ends, and a quote in it is doubled. Every value
/// is a text. The first row has the names of the fields, unless names are given. Blank lines are skipped.
/// </summary>
internal static class DelimitedFile
{
    private const int MaxFieldCount = 1000;

    /// <param name="path">The file.</param>
    /// <param name="options">The limits.</param>
    /// <param name="fieldNames">The names of the fields of a file whose first row has data; null if the first row has the names.</param>
    public static IEnumerable<JsonElement> Read(string path, DataOptions options, IReadOnlyList<string>? fieldNames = null)
    {
        using StreamReader text = InputFile.OpenText(path, options);
        using SepReader reader = Guarded(
            () => Sep.New(InputFile.Extension(path) == ".tsv" ? '\t' : ',').Reader(settings => settings with { HasHeader = false, DisableColCountCheck = true }).From(text), path, 1);
        using var writer = new RowWriter();
        long line = 1;
        bool MoveNext() => Guarded(reader.MoveNext, path, line);
        while (MoveNext())
        {
            long start = line;
            EvaluationDataException At(string fault, Exception? cause) => DataFault.At(path, "line", start, fault, cause);
            SepReader.Row row = reader.Current;
            line += 1 + row.Span.Count('\n');
            if (row.Span.IsEmpty)
                continue;
            if (fieldNames is null)
            {
                fieldNames = Names(Values(row, options, At), At);
                continue;
            }

            string[] values = Values(row, options, At);
            if (values.Length != fieldNames.Count)
                throw At(Invariant($"there are {values.Length} fields instead of {fieldNames.Count}; put quotes around a field with a separator or a line end"), null);
            yield return Write(writer, fieldNames, values, options, At);
        }
    }

    // The library begins to read when its reader is created.
    private static T Guarded<T>(Func<T> read, string path, long line)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException exception)
        {
            throw DataFault.At(path, "line", line, "or soon after it, the text is not UTF-8; convert the file to UTF-8", exception);
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidDataException or ArgumentException)
        {
            // The library refuses rows of more than 16,777,216 characters.
            throw DataFault.At(path, "line", line, "the row is too long; a quote that begins a field is probably not closed", exception);
        }
    }

    private static string[] Values(SepReader.Row row, DataOptions options, Func<string, Exception?, EvaluationDataException> at)
    {
        if (row.ColCount > MaxFieldCount)
            throw at(Invariant($"there are {row.ColCount:N0} fields; at most {MaxFieldCount:N0} are allowed"), null);
        string[] values = new string[row.ColCount];
        for (int i = 0; i < values.Length; i++)
            values[i] = Value(row[i].Span, options, at);
        return values;
    }

    private static string Value(ReadOnlySpan<char> field, DataOptions options, Func<string, Exception?, EvaluationDataException> at)
    {
        if (field.Length > options.MaxTextLength)
            throw at(Invariant($"a field has {field.Length:N0} characters; at most {options.MaxTextLength:N0} are allowed ({nameof(DataOptions)}.{nameof(DataOptions.MaxTextLength)}). A quote that begins a field is perhaps not closed"), null);
        if (field is not ['"', ..])
        {
            // In a field without quotes around it, separators between two quotes were not recognized as separators.
            return field.Contains('"') && field.ContainsAny(",\t\n\r")
                ? throw at($"the field {DataFault.Quote(field)} has quotes, but does not begin with one; put quotes around the field, and double the quotes in it", null)
                : field.ToString();
        }

        var value = new StringBuilder(field.Length);
        for (int i = 1; i < field.Length; i++)
        {
            if (field[i] != '"')
                value.Append(field[i]);
            else if (i == field.Length - 1)
                return value.ToString();
            else if (field[++i] == '"')
                value.Append('"');
            else
                throw at($"there is more after the closing quote of the field {DataFault.Quote(field)}; double the quotes in a field", null);
        }

        throw at($"the quote that begins the field {DataFault.Quote(field)} is not closed; close it, or double it if it is part of the text", null);
    }

    private static string[] Names(string[] values, Func<string, Exception?, EvaluationDataException> at)
    {
        // pandas, and so Hugging Face's data sets, name a column without a name by its position.
        string[] names = [.. values.Select((name, index) => name.Length > 0 ? name : Invariant($"Unnamed: {index}"))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : throw at($"the field {DataFault.Quote(names.GroupBy(name => name, StringComparer.Ordinal).First(same => same.Count() > 1).Key)} is named twice; rename one", null);
    }

    private static JsonElement Write(
        RowWriter writer, IReadOnlyList<string> names, string[] values, DataOptions options, Func<string, Exception?, EvaluationDataException> at) => writer.Write(
        json =>
        {
            for (int i = 0; i < values.Length; i++)
                json.WriteString(names[i], values[i]);
        },
        options,
        at);
}
