namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads Stanford Alpaca's format: an instruction, an optional input, and an output (github.com/tatsu-lab/stanford_alpaca, train.py), also with Dolly's
/// names <c>context</c> and <c>response</c>, and with a system message and earlier turns as LLaMA-Factory has them.
/// </summary>
/// <param name="usesAlpacaPrompt">Whether records with an input get Alpaca's own prompt for them; otherwise the input follows the instruction on a new line.</param>
internal sealed class AlpacaFormat(bool usesAlpacaPrompt) : RecordFormat
{
    private static readonly string[] s_inputs = ["input", "context", "query"];

    public override DatasetFormat Format => DatasetFormat.Alpaca;

    public override string Needs => "'instruction' and 'output'";

    public override bool Matches(RecordObject record) => record.Has("instruction") && record.FirstOf(RecordPrompt.Answers) is not null;

    public override DatasetRecord Read(RecordObject record)
    {
        List<string> unused = [];
        List<LlamaMessage> messages = RecordPrompt.ReadStart(record);
        LlamaTool[] tools = ToolReader.ReadTools(record, unused);
        var answer = LlamaMessage.Assistant(record.RequireText(record.FirstOf(RecordPrompt.Answers) ?? "output"));
        UseRendering(record, answer.Content);

        // A record that has an empty instruction and an input asks with the input.
        string? input = Array.Find(s_inputs, record.HasText) is { } name ? record.FindText(name) : null;
        if (input is null || !record.HasText("instruction"))
        {
            string question = input ?? RecordPrompt.RequireTurn(record, "instruction", LlamaRole.User);
            return new DatasetRecord { Messages = [.. messages, LlamaMessage.User(question), answer], Tools = tools, Unused = unused };
        }

        string instruction = RecordPrompt.RequireTurn(record, "instruction", LlamaRole.User);
        if (!usesAlpacaPrompt)
        {
            return new DatasetRecord { Messages = [.. messages, LlamaMessage.User($"{instruction}\n{input}"), answer], Tools = tools, Unused = unused };
        }

        return messages.Count == 0
            ? new DatasetRecord { Messages = [LlamaMessage.User(instruction), LlamaMessage.System(input), answer], PromptFormat = PromptFormat.AlpacaInput, Tools = tools, Unused = unused }
            : throw new RecordFaultException("Alpaca's prompt for an input has no place for 'system' and 'history'; choose another prompt format, or put the input into the instruction");
    }

    // In addition to the parts of each record, Stanford's file has its rendering, with Alpaca's preamble and the answer. Any other text is not part of the
    // form.
    private static void UseRendering(RecordObject record, string answer)
    {
        if (record.Has("text") && FieldValue.Text(record.Peek("text"), record.Place("text")) is var text && (text.Contains(answer, StringComparison.Ordinal) || text.StartsWith("Below is an instruction", StringComparison.Ordinal)))
        {
            record.Use("text");
        }
    }
}
