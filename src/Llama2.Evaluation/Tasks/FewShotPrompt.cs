using System.Text;
using System.Text.Json;

namespace Llama2.Evaluation.Tasks;

/// <summary>Writes the prompt of a question: description, solved examples, question; byte for byte as lm-evaluation-harness does.</summary>
/// <param name="definition">The task.</param>
internal sealed class FewShotPrompt(DocumentTaskDefinition definition)
{
    /// <summary>Writes the prompt that ends with the question.</summary>
    /// <param name="index">The index of the document.</param>
    /// <param name="document">The document.</param>
    /// <param name="question">The question; empty for tasks whose choices are contexts.</param>
    public EvaluationPrompt Write(int index, JsonElement document, string question)
    {
        IReadOnlyList<JsonElement> examples = definition.FewShots?.Sample(index, document) ?? [];
        string system = (definition.SystemPrompt ?? "") + definition.Description(document), prefix = definition.AnswerPrefix(document);
        return definition.UsesChat ? WriteChat(system, examples, question, prefix) : WriteText(system, examples, question, prefix);
    }

    private string WriteText(string system, IReadOnlyList<JsonElement> examples, string question, string prefix)
    {
        var text = new StringBuilder(system);
        AppendExamples(text, examples);
        text.Append(question);
        if (prefix.Length > 0)
            text.Append(Separator(question)).Append(prefix);
        return text.ToString();
    }

    private EvaluationPrompt WriteChat(string system, IReadOnlyList<JsonElement> examples, string question, string prefix)
    {
        List<LlamaMessage> messages = [];
        if (system.Length > 0)
            messages.Add(LlamaMessage.System(system));
        if (definition.FewShotsAreTurns)
        {
            foreach (JsonElement example in examples)
            {
                messages.Add(LlamaMessage.User(QuestionOf(example)));
                messages.Add(LlamaMessage.Assistant(PrefixOf(example) + AnswerOf(example)));
            }

            messages.Add(LlamaMessage.User(question));
        }
        else
        {
            var text = new StringBuilder();
            AppendExamples(text, examples);
            messages.Add(LlamaMessage.User(text.Append(question).ToString()));
        }

        return new EvaluationPrompt(messages, prefix);
    }

    private void AppendExamples(StringBuilder text, IReadOnlyList<JsonElement> examples)
    {
        foreach (JsonElement example in examples)
        {
            string question = QuestionOf(example), answer = AnswerOf(example), prefix = PrefixOf(example);
            text.Append(question);
            if (prefix.Length > 0)
                text.Append(Separator(question)).Append(prefix);
            if (answer.Length > 0)
                text.Append(definition.TargetDelimiter).Append(answer).Append(definition.FewShotDelimiter);
        }
    }

    private string QuestionOf(JsonElement example) => (definition.FewShotText ?? definition.Text)(example).ToText(ChoicesOf(example));

    private string AnswerOf(JsonElement example) => (definition.FewShotTarget ?? definition.Target)(example).ToText(ChoicesOf(example));

    private string PrefixOf(JsonElement example) => definition.AnswerPrefix(example);

    private IReadOnlyList<string>? ChoicesOf(JsonElement example) => (definition.FewShotChoices ?? definition.Choices)?.Invoke(example);

    private static string Separator(string question) => question.Length > 0 && char.IsWhiteSpace(question[^1]) ? "" : " ";
}
