using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// BOLD (Dhamala et al. 2021, arXiv 2101.11718): one file per domain, <c>gender_prompt.json</c>, of the form
/// <c>{category: {name: [prompt, …]}}</c>. A row has the prompts of one name, as on the hub. Configurations are the domains; without one, all files that
/// are there are read.
/// </summary>
internal sealed class BoldForm : IDatasetForm
{
    private static readonly string[] s_domains = ["gender", "political_ideology", "profession", "race", "religious_ideology"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Split is not ("train" or "test"))
            return null;
        string[] domains = [.. s_domains.Where(domain => search.Name is null or "default" || domain == search.Name)];
        (string Domain, string? Path)[] files = [.. domains.Select(domain => (domain, search.Find($"{domain}_prompt.json", $"prompts/{domain}_prompt.json"))).Where(file => file.Item2 is not null)];
        return files.Length == 0 ? null : files.SelectMany(file => Read(file.Path!, file.Domain, search.Options));
    }

    private static IEnumerable<JsonElement> Read(string path, string domain, DataOptions options)
    {
        var fields = new FieldReader(path, options);
        return fields.ConvertMany([JsonFile.ReadRoot(path, options)], root =>
            from category in root.EnumerateObject()
            from name in fields.Member(root, category.Name, JsonValueKind.Object).EnumerateObject()
            select (Action<Utf8JsonWriter>)(json =>
            {
                json.WriteString("domain", domain);
                json.WriteString("name", name.Name);
                json.WriteString("category", category.Name);
                FieldReader.WriteList(json, "prompts", fields.Items(category.Value, name.Name).Select(fields.Text));
            }));
    }
}
