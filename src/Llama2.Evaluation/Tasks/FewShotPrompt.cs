using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Tasks;

/// <summary>
/// Writes the prompt of a question: system prompt and description, few-shot examples, question; byte for byte as lm-evaluation-harness does
/// (<c>ConfigurableTask.fewshot_context</c> and <c>build_qa_turn</c>).
/// </summary>
/// <param name="definition">The task.</param>
internal sealed class FewShotPrompt(DocumentTaskDefinition definition)
{
    /// <summary>Writes the prompt that ends with the question.</summary>
    /// <param name="index">The index of the document.</param>
    /// <param name="document">The document.</param>
    /// <param name="question">The question; one of the choices for tasks whose choices are contexts.</param>
    public EvaluationPrompt Write(int index, JsonElement document, string question)
    {
        string system = Join(definition.SystemPrompt ?? "", definition.Description(document), definition.DescriptionDelimiter ?? definition.FewShotDelimiter);
        PromptTurn[] examples = [.. (definition.FewShots?.Sample(index, document) ?? []).Select(ToTurn)];
        string prefix = definition.AnswerPrefix(document);
        if (definition.UsesChat)
            return WriteChat(system, examples, question, prefix);
        string delimiter = prefix.Length > 0 && NeedsDelimiter(question, prefix) && !definition.ChoicesAreContexts ? definition.TargetDelimiter : "";
        return string.Concat([system, .. examples.Select(example => example.Text), question, delimiter, prefix]);
    }

    private EvaluationPrompt WriteChat(string system, PromptTurn[] examples, string question, string prefix)
    {
        List<LlamaMessage> messages = [];
        if (system.Length > 0)
            messages.Add(LlamaMessage.System(system));
        if (definition.FewShotsAreTurns)
        {
            foreach (PromptTurn example in examples)
            {
                messages.Add(LlamaMessage.User(example.Question));
                if (example.Answer.Length > 0)
                    messages.Add(LlamaMessage.Assistant(example.Answer));
            }

            messages.Add(LlamaMessage.User(question));
        }
        else
        {
            messages.Add(LlamaMessage.User(string.Concat([.. examples.Select(example => example.Text), question])));
        }

        return new EvaluationPrompt(messages, prefix);
    }

    private PromptTurn ToTurn(JsonElement example)
    {
        IReadOnlyList<string>? choices = (definition.FewShotChoices ?? definition.Choices)?.Invoke(example);
        string question = (definition.FewShotText ?? definition.Text)(example).ToText(choices);
        string answer = (definition.FewShotTarget ?? definition.Target)(example).ToText(choices);
        string prefix = (definition.FewShotAnswerPrefix ?? definition.AnswerPrefix)(example), delimiter = definition.FewShotTargetDelimiter ?? definition.TargetDelimiter;
        bool isDelimited = prefix.Length > 0 ? NeedsDelimiter(question, prefix) : answer.Length > 0;
        return new PromptTurn(question, isDelimited ? delimiter : "", Join(prefix, answer, " "), answer.Length > 0 ? definition.FewShotDelimiter : "");
    }

    // A delimiter is only inserted between texts neither of which has white space there.
    private static string Join(string first, string second, string delimiter)
        => first.Length > 0 && second.Length > 0 && NeedsDelimiter(first, second) ? first + delimiter + second : first + second;

    private static bool NeedsDelimiter(string first, string second) => first.Length > 0 && !PythonString.EndsWithSpace(first) && !PythonString.StartsWithSpace(second);
}
