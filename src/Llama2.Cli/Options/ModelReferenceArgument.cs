using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>The name of a model of a hub, which need not be pulled.</summary>
internal static class ModelReferenceArgument
{
    public static Argument<string> Create(string name, string description)
    {
        Argument<string> argument = InputPath.Argument(name, description);
        argument.Validators.Add(result =>
        {
            // An option that the parser does not know is told so.
            if (result.Tokens is not [{ Value: var text }] || text.StartsWith('-'))
                return;
            try
            {
                _ = LlamaModelReference.Parse(text);
            }
            catch (ArgumentException exception)
            {
                result.AddError(ErrorSentence.Of(exception));
            }
        });
        return argument;
    }
}
