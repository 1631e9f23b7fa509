namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads a prompt and its completion, each of which is a text or a list of messages, as Hugging Face's TRL has them; also with the names question,
/// query and input, and answer, response and output. Of a list, only the answers of the completion are learned.
/// </summary>
internal sealed class PromptCompletionFormat : RecordFormat
{
    public override DatasetFormat Format => DatasetFormat.PromptCompletion;

    public override string Needs => "'prompt' and 'completion'";

    public override bool Matches(RecordObject record) => record.FirstOf(RecordPrompt.Questions) is not null && record.FirstOf(RecordPrompt.Answers) is not null;

    public override DatasetRecord Read(RecordObject record)
    {
        List<string> unused = [];
        var reader = new MessageList(record.Names.Messages, unused);
        string question = record.FirstOf(RecordPrompt.Questions) ?? "prompt", answer = record.FirstOf(RecordPrompt.Answers) ?? "completion";
        bool isText = record.Has(question) && record.Peek(question).ValueKind == System.Text.Json.JsonValueKind.String;
        List<LlamaMessage> prompt = RecordPrompt.ReadTurns(record, question, LlamaRole.User, reader, []);
        prompt.InsertRange(0, RecordPrompt.ReadStart(record, hasSystem: prompt is [{ Role: LlamaRole.System }, ..], hasHistory: isText));
        List<LlamaMessage> completion = RecordPrompt.ReadTurns(record, answer, LlamaRole.Assistant, reader, prompt);
        return new DatasetRecord
        {
            // The answers of LLaMA-Factory's field history are learned, those of a list of messages are not.
            Messages = RecordPrompt.RequireAnswer([.. isText ? prompt : RecordPrompt.NotLearned(prompt), .. completion], record.Names.OfFile(answer)),
            Tools = ToolReader.ReadTools(record, unused),
            Unused = unused,
        };
    }
}
