using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Countersign.Server.Http;

/// <summary><c>&lt;icon name="phone" size="small" /&gt;</c>: a picture that says nothing which the words beside it do not.</summary>
[HtmlTargetElement("icon", TagStructure = TagStructure.WithoutEndTag)]
public sealed class IconTagHelper : TagHelper
{
    public string Name { get; set; } = string.Empty;

    /// <summary><c>small</c>, <c>large</c> or nothing.</summary>
    public string? Size { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Size is null ? $"icon icon--{Name}" : $"icon icon--{Size} icon--{Name}");
        output.Attributes.SetAttribute("aria-hidden", "true");
    }
}
