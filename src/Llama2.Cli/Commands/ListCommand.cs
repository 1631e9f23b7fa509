using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 list</c>: lists the models and data sets that were pulled, for people or as JSON.</summary>
internal sealed class ListCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 list
          llama2 list --json | jq -r .[].name
        """;

    private static readonly JsonWriterOptions s_json = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON array: name, path, type, byteSize, commit, lastUsed, isComplete." };

    public Command Create()
    {
        var command = new Command("list", "Lists the models and data sets that were pulled: name, size, type and when they were last used.") { _json };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        using var store = new LlamaModelStore(host.StoreOptions);
        if (result.GetValue(_json))
            WriteJson(store.List());
        else
            WriteTable(store.List());
        return ExitCodes.Success;
    }

    private void WriteTable(IReadOnlyList<StoredModel> models)
    {
        string[][] rows =
        [
            ["NAME", "SIZE", "TYPE", "LAST USED"],
            .. models.Select(model => new[]
            {
                model.Reference.ToString(),
                Invariant($"{model.ByteSize / 1048576.0:N1} MiB"),
                TypeName(model) + (model.IsComplete ? "" : ", incomplete"),
                Invariant($"{model.LastUsed.ToLocalTime():yyyy-MM-dd HH:mm}"),
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            host.Output.WriteLine($"{row[0].PadRight(widths[0])}  {row[1].PadLeft(widths[1])}  {row[2].PadRight(widths[2])}  {row[3]}".TrimEnd());
    }

    private void WriteJson(IReadOnlyList<StoredModel> models)
    {
        using (var json = new Utf8JsonWriter(host.OutputStream, s_json))
        {
            json.WriteStartArray();
            foreach (StoredModel model in models)
            {
                json.WriteStartObject();
                json.WriteString("name", model.Reference.ToString());
                json.WriteString("path", model.Path);
                json.WriteString("type", TypeName(model));
                json.WriteNumber("byteSize", model.ByteSize);
                json.WriteString("commit", model.Commit);
                json.WriteString("lastUsed", model.LastUsed.UtcDateTime);
                json.WriteBoolean("isComplete", model.IsComplete);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        host.OutputStream.WriteByte((byte)'\n');
        host.OutputStream.Flush();
    }

    private static string TypeName(StoredModel model) => JsonNamingPolicy.CamelCase.ConvertName(model.Type.ToString());
}
