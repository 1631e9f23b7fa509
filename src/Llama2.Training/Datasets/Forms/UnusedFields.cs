using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Decides about the fields of a record that its form did not use.</summary>
internal static class UnusedFields
{
    /// <summary>Refuses fields that change the meaning of an object, and notes the names of the other unused fields.</summary>
    /// <param name="fields">The object after it was read.</param>
    /// <param name="scope">What the object is.</param>
    /// <param name="of">What the object is, for the report; empty for the record itself.</param>
    /// <param name="unused">Receives the names.</param>
    /// <param name="messages">The messages that the record became; a field that repeats one of their texts is not missed. Null if the object is not a record.</param>
    /// <exception cref="RecordFaultException">A field changes the meaning and is not used.</exception>
    public static void Check(RecordObject fields, FieldScope scope, string of, ICollection<string> unused, IReadOnlyList<LlamaMessage>? messages = null)
    {
        foreach ((string name, JsonElement value) in fields.Unused)
        {
            string meaning = fields.Names.MeaningOf(name);
            if (MeaningfulFields.IsEmpty(meaning, value) || Repeats(meaning, value, messages))
            {
                continue;
            }

            if (MeaningfulFields.ReasonOf(meaning, scope) is { } reason)
            {
                throw new RecordFaultException(
                    $"{fields.Place(name)} is not used{(reason.Length == 0 ? $", and would change what is learned; {fields.Names.Remedy}, or allow that it is ignored ({nameof(DatasetOptions)}.{nameof(DatasetOptions.IgnoredFields)})" : $": {reason}; or allow that it is ignored ({nameof(DatasetOptions)}.{nameof(DatasetOptions.IgnoredFields)})")}");
            }

            unused.Add(of.Length == 0 ? fields.Names.OfFile(name) : $"{fields.Names.OfFile(name)} of {of}");
        }
    }

    private static bool Repeats(string name, JsonElement value, IReadOnlyList<LlamaMessage>? messages) =>
        messages is not null && value.ValueKind == JsonValueKind.String && FieldValue.Text(value, "a field").Trim() is var text
        && messages.Any(message => message.Content.Trim() == text && (message.Role == LlamaRole.System || !MeaningfulFields.IsSystem(name)));
}
