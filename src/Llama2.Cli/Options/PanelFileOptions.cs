using System.CommandLine;

namespace Llama2.Cli.Options;

/// <summary>The options for the panel file of a model, in the order in which the help lists them.</summary>
internal sealed class PanelFileOptions
{
    private readonly Option<PanelFileUse?> _use = ChoiceOption.Create<PanelFileUse>(
        "--panels", "USE", "Whether the weights are mapped from a panel file beside the model, so that the model starts at once, and whether a missing panel file is written", defaultText: "none");

    private readonly Option<string?> _folder = new("--panel-folder")
    {
        HelpName = "FOLDER",
        Description = "The folder of the panel file; implies --panels create unless --panels is given. Default: the folder of the model.",
    };

    private readonly Option<bool> _verify = new("--verify-panels") { Description = "Checks every byte of the panel file before it is used; takes longer than loading without it." };

    public IReadOnlyList<Option> All => [_use, _folder, _verify];

    /// <summary>Adds the values to options of loading.</summary>
    public LlamaModelOptions AddTo(LlamaModelOptions options, ParseResult result)
    {
        string? folder = result.GetValue(_folder);
        return options with
        {
            PanelFile = result.GetValue(_use) ?? (folder is null ? PanelFileUse.None : PanelFileUse.Create),
            PanelFolder = folder,
            VerifyPanelFile = result.GetValue(_verify),
        };
    }
}
