using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Evaluation.Tests.Harness;

/// <summary>Requests in the form in which tests/Reference/harness_prompts.py writes them: JSON as Python's <c>json.dumps</c> writes it.</summary>
internal static class HarnessRequests
{
    public static string Write(EvaluationExample example)
        => $"[{string.Join(',', example.Requests.Where(request => request is not GenerationRequest { Repeat: > 0 }).Select(Write))}]";

    public static string Digest(EvaluationExample example) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write(example))))[..32];

    private static string Write(EvaluationRequest request) => request switch
    {
        LogLikelihoodRequest scored => $"[{Context(scored.Context)},{Quote(scored.Continuation)}]",
        RollingLogLikelihoodRequest rolling => $"[{Quote(rolling.Text)}]",
        GenerationRequest generation => string.Create(
            CultureInfo.InvariantCulture,
            $"[{Context(generation.Prompt)},[[{string.Join(',', generation.StopSequences.Select(Quote))}],{generation.MaxTokens},{generation.Temperature:0.0#}]]"),
        _ => throw new InvalidOperationException(request.GetType().Name),
    };

    private static string Context(EvaluationPrompt prompt)
    {
        if (prompt.Messages is not { } messages)
            return Quote(prompt.Text);
        IEnumerable<(string Role, string Content)> all = messages.Select(message => (message.Role.ToString().ToLowerInvariant(), message.Content));
        if (prompt.Text.Length > 0)
            all = all.Append(("assistant", prompt.Text));
        string list = string.Join(", ", all.Select(message => $"{{\"role\": {Quote(message.Role)}, \"content\": {Quote(message.Content)}}}"));
        return Quote($"[[{list}], {(prompt.Text.Length > 0 ? "false" : "true")}]");
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
