using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>The topics that clients choose among.</summary>
internal sealed class TopicOptions
{
    public const string Section = "Topics";

    public const int LongestId = 32;

    /// <summary>Built-in topics that this broker sends nothing about.</summary>
    public IList<string> Withheld { get; } = [];

    /// <summary>Topics of this broker's own.</summary>
    [ValidateEnumeratedItems]
    public IList<FurtherTopic> Further { get; } = [];
}

/// <summary>A topic that is not built in, with its name in the languages of the product.</summary>
internal sealed class FurtherTopic
{
    /// <summary>Stable: applications send it, and choices are stored under it.</summary>
    [Required, RegularExpression("^[a-z][a-z0-9-]{1,31}$")]
    public string Id { get; set; } = string.Empty;

    [Required, StringLength(100, MinimumLength = 1)]
    public string English { get; set; } = string.Empty;

    [Required, StringLength(100, MinimumLength = 1)]
    public string Traditional { get; set; } = string.Empty;

    [Required, StringLength(100, MinimumLength = 1)]
    public string Simplified { get; set; } = string.Empty;

    /// <summary>Whether clients get it until they switch it off.</summary>
    public bool On { get; set; }
}

/// <summary>Checks <see cref="TopicOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TopicOptionsValidator : IValidateOptions<TopicOptions>;
