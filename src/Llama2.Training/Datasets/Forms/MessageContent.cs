using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads the content of a message: a text, or a list of parts, all of which must be texts and are joined.</summary>
internal static class MessageContent
{
    private static readonly string[] s_textTypes = ["text", "input_text", "output_text"];

    /// <summary>Reads a text.</summary>
    /// <param name="value">The content.</param>
    /// <param name="place">The place of the content, for messages.</param>
    /// <param name="names">The names that the fields have in the file.</param>
    /// <param name="unused">Receives the names of fields that were not used and change no meaning.</param>
    /// <param name="isLearned">Whether the text is learned, if its parts state this.</param>
    public static string Read(JsonElement value, string place, FieldNames names, ICollection<string> unused, out bool? isLearned)
    {
        isLearned = null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            return FieldValue.Text(value, place);
        }

        var text = new StringBuilder();
        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            string partPlace = Invariant($"part {index:N0} of {place}");
            if (element.ValueKind == JsonValueKind.String)
            {
                text.Append(FieldValue.Text(element, partPlace));
                index++;
                continue;
            }

            var part = new RecordObject(element, names, partPlace);
            string? type = part.FindText("type");
            if (type is not null && !s_textTypes.Contains(type))
            {
                throw new RecordFaultException($"{partPlace} has the type '{type}'; only texts can be learned, so remove the part or the record");
            }

            string name = part.FirstOf(["text", "content", "value"]) ?? throw new RecordFaultException($"{partPlace} has no 'text'");
            text.Append(FieldValue.Text(part.Require(name), part.Place(name)));
            bool? train = part.FindFlag("train"), flag = part.FindFlag("weight") ?? train;
            if (train is not null && flag != train)
            {
                throw new RecordFaultException($"{partPlace} has two flags that contradict each other; keep one");
            }

            if (index > 0 && flag != isLearned)
            {
                throw new RecordFaultException($"the parts of {place} have different flags 'train' or 'weight'; a message is learned or not as a whole, so give its parts one flag, or split it into messages");
            }

            isLearned = flag;
            UnusedFields.Check(part, FieldScope.Message, "parts of messages", unused);
            index++;
        }

        return text.ToString();
    }
}
