using System.Text.Json;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>Questions of the Allen Institute: <c>{"question":{"stem":…,"choices":[{"text":…,"label":…}]},"answerKey":…}</c>.</summary>
internal static class QuestionChoices
{
    /// <summary>Writes the choices as the hub has them, <c>{"text":[…],"label":[…]}</c>, and the answer, which is empty if there is none.</summary>
    public static void Write(JsonElement row, Utf8JsonWriter json, FieldReader fields)
    {
        JsonElement[] choices = fields.Items(fields.Member(row, "question", JsonValueKind.Object), "choices");
        json.WriteStartObject("choices");
        FieldReader.WriteList(json, "text", choices.Select(choice => fields.Text(choice, "text")));
        FieldReader.WriteList(json, "label", choices.Select(choice => fields.Text(choice, "label")));
        json.WriteEndObject();
        json.WriteString("answerKey", row.TryGetProperty("answerKey", out _) ? fields.Text(row, "answerKey") : "");
    }

    public static string Stem(JsonElement row, FieldReader fields) => fields.Text(fields.Member(row, "question", JsonValueKind.Object), "stem");
}
