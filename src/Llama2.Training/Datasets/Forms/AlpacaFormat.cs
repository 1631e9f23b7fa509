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
        List<LlamaMessage> messages = RecordPrompt.ReadStart(record);
        var answer = LlamaMessage.Assistant(record.RequireText(record.FirstOf(RecordPrompt.Answers) ?? "output"));
        record.Use("text"); // the rendering of the same record in the published file

        // A record that has an empty instruction and an input asks with the input.
        string? input = Array.Find(s_inputs, record.HasContent) is { } name ? record.FindText(name) : null;
        if (input is null || !record.HasContent("instruction"))
        {
            string question = input ?? RecordPrompt.RequireTurn(record, "instruction", LlamaRole.User);
            return new DatasetRecord { Messages = [.. messages, LlamaMessage.User(question), answer], Tools = ToolReader.ReadTools(record) };
        }

        string instruction = RecordPrompt.RequireTurn(record, "instruction", LlamaRole.User);
        if (!usesAlpacaPrompt)
        {
            return new DatasetRecord { Messages = [.. messages, LlamaMessage.User($"{instruction}\n{input}"), answer], Tools = ToolReader.ReadTools(record) };
        }

        return messages.Count == 0
            ? new DatasetRecord { Messages = [LlamaMessage.User(instruction), LlamaMessage.System(input), answer], PromptFormat = PromptFormat.AlpacaInput }
            : throw new RecordFaultException("Alpaca's prompt for an input has no place for 'system' and 'history'; choose another prompt format, or put the input into the instruction");
    }
}
