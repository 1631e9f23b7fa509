using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Decides about the fields of a record that its form did not use.</summary>
internal static class UnusedFields
{
    /// <summary>Refuses fields that change the meaning of an object, and returns the names of the other unused fields.</summary>
    /// <param name="fields">The object after it was read.</param>
    /// <param name="isMessage">Whether the object is a message and not the whole record.</param>
    /// <param name="messages">The messages that the record became; a field that repeats one of their texts is not missed. Null for a message.</param>
    /// <exception cref="RecordFaultException">A field changes the meaning and is not used.</exception>
    public static IEnumerable<string> Check(RecordObject fields, bool isMessage, IReadOnlyList<LlamaMessage>? messages = null)
    {
        List<string> unused = [];
        foreach ((string name, JsonElement value) in fields.Unused)
        {
            if (FieldValue.IsEmpty(value) || Repeats(value, messages))
            {
                continue;
            }

            string meaning = fields.Names.MeaningOf(name);
            if (MeaningfulFields.Contains(meaning, value, isMessage))
            {
                string reason = MeaningfulFields.ReasonOf(meaning);
                throw new RecordFaultException(
                    $"{fields.Place(name)} is not used{(reason.Length == 0 ? $", and would change what is learned; {fields.Names.Remedy}, or allow that it is ignored ({nameof(DatasetOptions)}.{nameof(DatasetOptions.IgnoredFields)})" : $": {reason}; or allow that it is ignored ({nameof(DatasetOptions)}.{nameof(DatasetOptions.IgnoredFields)})")}");
            }

            unused.Add(fields.Names.OfFile(name));
        }

        return unused;
    }

    private static bool Repeats(JsonElement value, IReadOnlyList<LlamaMessage>? messages) =>
        messages is not null && value.ValueKind == JsonValueKind.String && !FieldValue.IsEmpty(value) && FieldValue.Text(value, "a field").Trim() is var text && messages.Any(message => message.Content.Trim() == text);
}
