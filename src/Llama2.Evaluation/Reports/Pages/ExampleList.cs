using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>Examples with their prompts, choices and answers, which open when they are clicked.</summary>
internal static class ExampleList
{
    private const int MaxPromptLength = 3000;
    private const int MaxAnswerLength = 2000;
    private const int MaxChoiceLength = 300;
    private const int MaxChoiceCount = 12;
    private const int MaxLineLength = 160;

    public static void Write(PageWriter page, IEnumerable<ExampleResult> examples)
    {
        foreach (ExampleResult example in examples)
        {
            page.AddMarkup("<details><summary>");
            WriteTag(page, example.Score.IsCorrect);
            page.Add($"<span class=\"line\">{LineOf(example.Example)}</span></summary>\n<div class=\"example\">\n");
            WritePrompt(page, example.Example);
            WriteOutcome(page, example);
            page.AddMarkup("</div></details>\n");
        }
    }

    /// <summary>Writes an example that two models answered differently.</summary>
    public static void WritePair(PageWriter page, ExampleResult first, ExampleResult second, string firstName, string secondName)
    {
        page.AddMarkup("<details><summary>");
        page.Add($"<span class=\"tag {(first.Score.IsCorrect == true ? "wrong" : "right")}\">only {(first.Score.IsCorrect == true ? "A" : "B")} right</span>");
        page.Add($"<span class=\"line\">{LineOf(first.Example)}</span></summary>\n<div class=\"example\">\n");
        WritePrompt(page, first.Example);
        page.Add($"<h4>A: {PageText.Shorten(firstName, 80)}</h4>\n");
        WriteOutcome(page, first);
        page.Add($"<h4>B: {PageText.Shorten(secondName, 80)}</h4>\n");
        WriteOutcome(page, second);
        page.AddMarkup("</div></details>\n");
    }

    private static void WriteTag(PageWriter page, bool? isCorrect)
    {
        if (isCorrect is { } right)
            page.AddMarkup(right ? "<span class=\"tag right\">✓ right</span>" : "<span class=\"tag wrong\">✗ wrong</span>");
    }

    // The first line after the solved examples, which are separated by empty lines.
    private static string LineOf(EvaluationExample example)
    {
        EvaluationPrompt prompt = PromptText.PromptOf(example.Requests[0]);
        string text = (prompt.Messages is { } messages ? messages[^1].Content : prompt.Text).Trim();
        int start = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        text = text[(start < 0 ? 0 : start + 2)..].TrimStart();
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        text = end < 0 ? text : text[..end];
        return text.Length == 0 ? Invariant($"Example {example.Index:N0}") : text.Length <= MaxLineLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxLineLength - 1]) ? MaxLineLength - 1 : MaxLineLength), "…");
    }

    private static void WritePrompt(PageWriter page, EvaluationExample example)
    {
        EvaluationPrompt prompt = PromptText.PromptOf(example.Requests[0]);
        foreach (LlamaMessage message in prompt.Messages ?? [])
            WriteText(page, $"Prompt, {PromptText.RoleOf(message)}", PageText.ShortenStart(message.Content, MaxPromptLength));
        if (prompt.Messages is null || prompt.Text.Length > 0)
            WriteText(page, prompt.Messages is null ? "Prompt" : "Prompt, beginning of the answer", PageText.ShortenStart(prompt.Text, MaxPromptLength));
    }

    private static void WriteOutcome(PageWriter page, ExampleResult example)
    {
        if (ChoiceView.Of(example.Example, example.Responses) is { } choices)
        {
            WriteChoices(page, choices);
            return;
        }

        foreach ((EvaluationRequest request, EvaluationResponse response) in example.Example.Requests.Zip(example.Responses).Take(3))
        {
            if (response.Text is { } text)
                WriteText(page, "Generated text", PageText.Shorten(text, MaxAnswerLength));
            else if (request is LogLikelihoodRequest likelihood)
                WriteText(page, Invariant($"Continuation, log-likelihood {response.LogLikelihood:0.###}{(response.IsGreedy ? ", the likeliest" : "")}"), PageText.Shorten(likelihood.Continuation, MaxAnswerLength));
            else
                page.Add($"<p class=\"note\">Log-likelihood {response.LogLikelihood:0.###}, {Figures.Count(response.TokenCount, "token")}.</p>\n");
        }

        if (example.Score.Answer.Length > 0 && example.Score.Answer != example.Responses[0].Text)
            WriteText(page, "Answer", PageText.Shorten(example.Score.Answer, MaxAnswerLength));
        if (example.Example.Target.Length > 0)
            WriteText(page, "Right answer", PageText.Shorten(example.Example.Target, MaxAnswerLength));
    }

    private static void WriteChoices(PageWriter page, ChoiceView view)
    {
        double[] probabilities = view.Probabilities;
        int best = view.BestIndex;
        page.AddMarkup("<h4>Choices</h4>\n<table class=\"choices\"><tbody>\n");
        for (int i = 0; i < Math.Min(view.Choices.Count, MaxChoiceCount); i++)
        {
            bool isCorrect = i == view.CorrectIndex;
            double width = double.IsFinite(probabilities[i]) ? 100 * probabilities[i] : 0;
            page.AddMarkup(isCorrect ? "<tr class=\"correct\">" : "<tr>");
            page.Add($"<td class=\"choice\">{PageText.Shorten(view.Choices[i].Text, MaxChoiceLength)}</td>");
            page.Add($"<td class=\"chart\"><svg viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"8\" y=\"2\"/><rect class=\"{(isCorrect ? "good" : i == best ? "bad" : "bar-soft")}\" width=\"{width:0.##}\" height=\"8\" y=\"2\"/></svg></td>");
            page.Add($"<td class=\"likelihood\">{LogLikelihood(view.Choices[i].LogLikelihood)} <span class=\"soft\">({probabilities[i]:0 %})</span></td>");
            page.Add($"<td class=\"mark\">{(isCorrect ? i == best ? "✓ right, chosen" : "right" : i == best ? "✗ chosen" : "")}</td></tr>\n");
        }

        page.AddMarkup("</tbody></table>\n");
        if (view.Choices.Count > MaxChoiceCount)
            page.Add($"<p class=\"note\">{Figures.Count(view.Choices.Count - MaxChoiceCount, "choice")} more.</p>\n");
    }

    // Without the sign that a number which is rounded to 0 keeps.
    private static string LogLikelihood(double value) => Invariant($"{(Math.Abs(value) < 0.005 ? 0 : value):0.00}");

    private static void WriteText(PageWriter page, string heading, string text) => page.Add($"<h4>{heading}</h4>\n<div class=\"text\">{text}</div>\n");
}
